"""`newsmorgue doctor`."""

from crawler.cli.options import HomeOption, JsonOption
from crawler.errors import ExitCode


def doctor(*, home: HomeOption = None, as_json: JsonOption = False) -> int:
    """Check that everything is in order.

    The installation, the home directory, the configuration, the database. Nothing is changed.
    The exit code is 1 if a check fails; a warning is no failure.
    """
    from crawler.cli.checks import Result, run_checks  # noqa: PLC0415 - not for --help
    from crawler.cli.printing import emit  # noqa: PLC0415
    from crawler.config import resolve_home  # noqa: PLC0415

    checks = list(run_checks(resolve_home(home)))
    failed = sum(check.result is Result.FAIL for check in checks)
    emit({"failed": failed, "checks": checks} if as_json else checks, as_json=as_json)
    return ExitCode.ERROR if failed else ExitCode.DONE
