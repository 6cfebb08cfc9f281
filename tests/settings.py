"""The installation's settings on a data folder and a database server of the test session's own."""

import atexit
import os
import shutil
import tempfile

if "LINESHEET_DATA" not in os.environ or not os.environ.get("LINESHEET_TESTING"):
    folder = tempfile.mkdtemp(prefix="linesheet-tests-")
    os.environ["LINESHEET_DATA"] = folder
    os.environ["LINESHEET_TESTING"] = "1"
    atexit.register(shutil.rmtree, folder, ignore_errors=True)

from linesheet.site.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
