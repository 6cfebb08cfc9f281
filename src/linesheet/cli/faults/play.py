"""One seed, from its empty books to the verdict."""

from collections import Counter

from linesheet.books.models import Company
from linesheet.books.tenancy import acting_for
from linesheet.cli.faults import checker
from linesheet.cli.faults.brand import Brand
from linesheet.cli.faults.scenario import Scenario
from linesheet.cli.faults.storm import NotQuiet, Storm
from linesheet.cli.faults.world import Campaign


def play(campaign: Campaign, scenario: Scenario) -> tuple[list[str], Counter[str]]:
    """What does not hold after the scenario was played, [] when all is well; and how often which fault struck."""
    with campaign.world(scenario.platform, scenario.seed) as world:
        company = Company.objects.create(name="Atelier Nord", slug="atelier-nord")
        with acting_for(company):
            brand = Brand(company, scenario, world.remote)
            storm = Storm(scenario, world, brand)
            storm.rage()
            loud = []
            try:
                storm.calm()
            except NotQuiet as error:
                loud.append(str(error))
            clock_was_right = not scenario.faults["clock of the platform"]
            wrong = loud + checker.wrong(brand, world.remote, clock_was_right=clock_was_right)
        if wrong:
            world.keep_log()
    return wrong, storm.struck
