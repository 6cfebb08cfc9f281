"""ISO codes of the countries that wholesale customers are in, by name or by either code."""

_COUNTRIES = """
AE ARE United Arab Emirates|AR ARG Argentina|AT AUT Austria|AU AUS Australia|BE BEL Belgium|BG BGR Bulgaria
BR BRA Brazil|CA CAN Canada|CH CHE Switzerland|CL CHL Chile|CN CHN China|CO COL Colombia|CY CYP Cyprus
CZ CZE Czech Republic|DE DEU Germany|DK DNK Denmark|EE EST Estonia|EG EGY Egypt|ES ESP Spain|FI FIN Finland
FR FRA France|GB GBR United Kingdom|GR GRC Greece|HK HKG Hong Kong|HR HRV Croatia|HU HUN Hungary|ID IDN Indonesia
IE IRL Ireland|IL ISR Israel|IN IND India|IS ISL Iceland|IT ITA Italy|JP JPN Japan|KR KOR South Korea
KW KWT Kuwait|LB LBN Lebanon
LT LTU Lithuania|LU LUX Luxembourg|LV LVA Latvia|MC MCO Monaco|MT MLT Malta|MX MEX Mexico|MY MYS Malaysia
NL NLD Netherlands|NO NOR Norway|NZ NZL New Zealand|PE PER Peru|PH PHL Philippines|PL POL Poland|PT PRT Portugal
QA QAT Qatar|RO ROU Romania|RS SRB Serbia|SA SAU Saudi Arabia|SE SWE Sweden|SG SGP Singapore|SI SVN Slovenia
SK SVK Slovakia|TH THA Thailand|TR TUR Turkey|TW TWN Taiwan|UA UKR Ukraine|US USA United States|VN VNM Vietnam
ZA ZAF South Africa
"""
_CODES: dict[str, tuple[str, str]] = {}
for _row in _COUNTRIES.replace("\n", "|").strip("|").split("|"):
    _two, _three, _name = _row.split(" ", 2)
    for _word in (_two, _three, _name):
        _CODES[_word.lower()] = (_two, _three)


def iso_codes(country: str) -> tuple[str, str]:
    """The codes of two and of three letters; ("", "") for a country not known here."""
    return _CODES.get(country.strip().lower(), ("", ""))
