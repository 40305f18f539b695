"""What a sign-in says of its device, and roughly where it is: both are hints, neither is proof."""

from functools import cache

from geoip2fast import GeoIP2Fast
from ua_parser import parse


def browser_and_system(agent: str) -> tuple[str, str]:
    """Such as ("Firefox", "Windows"), of a User-Agent header; "" for what it does not say."""
    found = parse(agent)
    browser = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    return browser, system


@cache
def _countries() -> GeoIP2Fast:
    """The table that the library ships: it asks nobody, and is as old as its release."""
    return GeoIP2Fast(geoip2fast_data_file="geoip2fast-ipv6.dat.gz")


def country(address: str) -> str:
    """The English name of an address' country, "" for one that is unknown or of no network."""
    try:
        found = _countries().lookup(address)
    except Exception:  # noqa: BLE001 - it raises its own for what is no address
        return ""
    return str(found.country_name) if found.country_code not in {"", "--"} else ""
