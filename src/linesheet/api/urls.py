"""Where the APIs are, and their interactive documentation."""

from linesheet.api import docs
from linesheet.api.hub.routers import HUB
from linesheet.api.mounting import apis
from linesheet.sync import registry

_apis = apis(HUB, registry.platforms().values())

urlpatterns = [*docs.pages_of(_apis), *(api.mounted() for api in _apis)]
