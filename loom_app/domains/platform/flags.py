"""Features that are on for some, asked for by name; `declared` lists them.

    if flags.enabled("embed", me): ...

A name that is not declared raises. The answer comes from memory (`current`), so asking costs
nothing; how often it was asked is counted there and written in batches.
"""

import hashlib

from loom_app.domains.platform import current
from loom_app.domains.platform.areas import FlagRule
from loom_app.domains.platform.declared import declared
from loom_app.kit import clock
from loom_app.kit.actor import Actor

BUCKETS = 10_000


def enabled(name: str, user: Actor) -> bool:
    """Is it on for this person or visitor? Raises LookupError for a name that is not declared."""
    if name not in declared():
        raise LookupError(name)
    answer = holds(name, current.rule(name), user)
    current.count(name, answer)
    return answer


def holds(name: str, rule: FlagRule, user: Actor) -> bool:
    """The rule, for this person, now."""
    now = clock.now()
    if not rule.on or (rule.starts and now < rule.starts) or (rule.ends and now >= rule.ends):
        return False
    if user.person_id is not None and user.person_id in rule.people:
        return True
    if rule.roles and not _kinds(user) & set(rule.roles):
        return False
    return rule.percent == 100 or bucket(name, user) * 100 < rule.percent * BUCKETS


def bucket(name: str, user: Actor) -> int:
    """Where somebody stands in a roll-out, 0 to 9999: always the same in one feature, and in each
    feature another. Nobody in particular stands at the end."""
    who = user.label if user.person_id is not None else user.visitor
    if not who:
        return BUCKETS - 1
    digest = hashlib.sha256(f"{name}:{who}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


def _kinds(user: Actor) -> set[str]:
    if user.person_id is None:
        return {"visitor"}
    return {*user.roles, *(("staff",) if user.is_staff else ())}
