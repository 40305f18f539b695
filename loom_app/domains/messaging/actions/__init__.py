"""Writing in conversations, by what is done; everything public is named here."""

from loom_app.domains.messaging.actions.edit import delete as delete
from loom_app.domains.messaging.actions.edit import edit as edit
from loom_app.domains.messaging.actions.edit import hide as hide
from loom_app.domains.messaging.actions.files import Brought as Brought
from loom_app.domains.messaging.actions.files import admit as admit_file
from loom_app.domains.messaging.actions.files import discard as discard_file
from loom_app.domains.messaging.actions.files import keep as keep_file
from loom_app.domains.messaging.actions.react import react as react
from loom_app.domains.messaging.actions.read import Mark as Mark
from loom_app.domains.messaging.actions.read import mark as mark
from loom_app.domains.messaging.actions.read import mark_read as mark_read
from loom_app.domains.messaging.actions.read import note_seen as note_seen
from loom_app.domains.messaging.actions.send import Draft as Draft
from loom_app.domains.messaging.actions.send import Sent as Sent
from loom_app.domains.messaging.actions.send import post_system as post_system
from loom_app.domains.messaging.actions.send import send as send
from loom_app.domains.messaging.actions.send import send_at_once as send_at_once
from loom_app.domains.messaging.actions.send import signals_of as signals_of
from loom_app.domains.messaging.actions.start import for_engagement as for_engagement
from loom_app.domains.messaging.actions.start import start as start
