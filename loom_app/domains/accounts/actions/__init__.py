"""Signing up, in and out, and one's own profile."""

from loom_app.domains.accounts.actions.failing import note_failed_sign_in
from loom_app.domains.accounts.actions.filters import remove_filter, save_filter
from loom_app.domains.accounts.actions.linking import (
    Newcomer,
    connect,
    connect_by_mail,
    join,
    mail_connection,
    unlink,
)
from loom_app.domains.accounts.actions.overseeing import note_export, see_flag
from loom_app.domains.accounts.actions.profile import ProfileEdit, save_profile, set_avatar
from loom_app.domains.accounts.actions.proving import prove, require_step_up
from loom_app.domains.accounts.actions.roles import (
    appoint,
    check_may_give,
    drop_role,
    give_invited_role,
    give_role,
    save_role,
    take_role,
)
from loom_app.domains.accounts.actions.sessions import (
    Device,
    SignedIn,
    end_other_sessions,
    end_session,
    sign_out,
    sign_out_everywhere,
    touch,
)
from loom_app.domains.accounts.actions.signing_in import (
    begin_session,
    check_throttle,
    find_credential,
    forget_failures,
    prepare_password,
    record_failure,
)
from loom_app.domains.accounts.actions.signing_up import (
    SignUp,
    ask_verification,
    check_sign_up,
    open_account,
    send_verification,
    sign_up,
    verify,
)
from loom_app.domains.accounts.actions.ways_in import Arrival, CameBack, come_back, set_out

__all__ = [
    "Arrival",
    "CameBack",
    "Device",
    "Newcomer",
    "ProfileEdit",
    "SignUp",
    "SignedIn",
    "appoint",
    "ask_verification",
    "begin_session",
    "check_may_give",
    "check_sign_up",
    "check_throttle",
    "come_back",
    "connect",
    "connect_by_mail",
    "drop_role",
    "end_other_sessions",
    "end_session",
    "find_credential",
    "forget_failures",
    "give_invited_role",
    "give_role",
    "join",
    "mail_connection",
    "note_export",
    "note_failed_sign_in",
    "open_account",
    "prepare_password",
    "prove",
    "record_failure",
    "remove_filter",
    "require_step_up",
    "save_filter",
    "save_profile",
    "save_role",
    "see_flag",
    "send_verification",
    "set_avatar",
    "set_out",
    "sign_out",
    "sign_out_everywhere",
    "sign_up",
    "take_role",
    "touch",
    "unlink",
    "verify",
]
