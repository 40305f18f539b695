"""Signing up, in and out, proving who is there, and one's own profile."""

from loom_app.domains.accounts.actions.addresses import (
    ask_address_change,
    change_address,
    undo_address_change,
)
from loom_app.domains.accounts.actions.becoming import become_coach
from loom_app.domains.accounts.actions.failing import note_failed_sign_in
from loom_app.domains.accounts.actions.filters import remove_filter, save_filter
from loom_app.domains.accounts.actions.helping import (
    ask_factor_reset,
    correct_name,
    end_sessions_of,
    helped,
    look_up,
    reset_factor,
    stop_factor_reset,
    stop_my_factor_reset,
    tell_factor_due,
)
from loom_app.domains.accounts.actions.linking import (
    Newcomer,
    connect,
    connect_by_mail,
    join,
    mail_connection,
    unlink,
)
from loom_app.domains.accounts.actions.overseeing import check_chain, note_export, see_flag
from loom_app.domains.accounts.actions.passwords import (
    ask_reset,
    change_password,
    reset_password,
    send_reset,
)
from loom_app.domains.accounts.actions.profile import (
    ProfileEdit,
    save_profile,
    set_avatar,
    set_theme,
)
from loom_app.domains.accounts.actions.proving import prove
from loom_app.domains.accounts.actions.roles import (
    appoint,
    check_may_give,
    drop_role,
    give_invited_role,
    give_role,
    save_role,
    take_role,
)
from loom_app.domains.accounts.actions.second_factor import (
    begin_second_factor,
    confirm_second_factor,
    remove_second_factor,
    renew_recovery_codes,
)
from loom_app.domains.accounts.actions.second_step import pass_second_step
from loom_app.domains.accounts.actions.sessions import (
    Device,
    Renewed,
    SignedIn,
    end_other_sessions,
    end_session,
    renew,
    renew_now,
    sign_out,
    sign_out_everywhere,
    touch,
)
from loom_app.domains.accounts.actions.signing_in import (
    begin_second_step,
    begin_session,
    begin_try,
    find_credential,
    forget_failures,
    prepare_password,
    renew_hash,
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
from loom_app.domains.accounts.actions.staying import hold_accounts, lock_account
from loom_app.domains.accounts.actions.step_up import proof_of, require_step_up
from loom_app.domains.accounts.actions.suspending import end_suspension, suspend
from loom_app.domains.accounts.actions.suspending import lift as lift_suspension
from loom_app.domains.accounts.actions.ways_in import Arrival, CameBack, come_back, set_out

__all__ = [
    "Arrival",
    "CameBack",
    "Device",
    "Newcomer",
    "ProfileEdit",
    "Renewed",
    "SignUp",
    "SignedIn",
    "appoint",
    "ask_address_change",
    "ask_factor_reset",
    "ask_reset",
    "ask_verification",
    "become_coach",
    "begin_second_factor",
    "begin_second_step",
    "begin_session",
    "begin_try",
    "change_address",
    "change_password",
    "check_chain",
    "check_may_give",
    "check_sign_up",
    "come_back",
    "confirm_second_factor",
    "connect",
    "connect_by_mail",
    "correct_name",
    "drop_role",
    "end_other_sessions",
    "end_session",
    "end_sessions_of",
    "end_suspension",
    "find_credential",
    "forget_failures",
    "give_invited_role",
    "give_role",
    "helped",
    "hold_accounts",
    "join",
    "lift_suspension",
    "lock_account",
    "look_up",
    "mail_connection",
    "note_export",
    "note_failed_sign_in",
    "open_account",
    "pass_second_step",
    "prepare_password",
    "proof_of",
    "prove",
    "remove_filter",
    "remove_second_factor",
    "renew",
    "renew_hash",
    "renew_now",
    "renew_recovery_codes",
    "require_step_up",
    "reset_factor",
    "reset_password",
    "save_filter",
    "save_profile",
    "save_role",
    "see_flag",
    "send_reset",
    "send_verification",
    "set_avatar",
    "set_out",
    "set_theme",
    "sign_out",
    "sign_out_everywhere",
    "sign_up",
    "stop_factor_reset",
    "stop_my_factor_reset",
    "suspend",
    "take_role",
    "tell_factor_due",
    "touch",
    "undo_address_change",
    "unlink",
    "verify",
]
