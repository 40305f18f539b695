import pytest

from loom_app.kit import settings as kit
from loom_app.kit.settings import SettingsError

GOOD = {
    "LOOM_PUBLIC_URL": "https://loom.example/",
    "LOOM_SECRET_KEY": "k" * 32,
    "DATABASE_URL": "postgresql://loom@db/loom",
    "STRIPE_SECRET_KEY": "sk_live_x",
    "STRIPE_WEBHOOK_SECRET": "whsec_x",
    "SMTP_URL": "smtps://mail.example",
    "LOOM_DEMO": "false",
}


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    for name in GOOD:
        monkeypatch.delenv(name, raising=False)
    kit.settings.cache_clear()
    yield
    monkeypatch.undo()
    kit.settings.cache_clear()


def test_a_development_machine_needs_nothing():
    chosen = kit.settings()
    assert (chosen.production, chosen.stripe_sandbox, chosen.base_url) == (
        False,
        True,
        "http://localhost:8000",
    )


def test_a_complete_production_start_is_accepted(monkeypatch):
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    chosen = kit.settings()
    assert (chosen.production, chosen.https, chosen.base_url) == (
        True,
        True,
        "https://loom.example",
    )


@pytest.mark.parametrize("missing", [name for name in GOOD if name != "LOOM_PUBLIC_URL"])
def test_production_refuses_each_default_and_names_it(monkeypatch, missing):
    for name, value in GOOD.items():
        if name != missing:
            monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=missing):
        kit.settings()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("LOOM_PORT", "many", "port"),
        ("LOOM_PORT", "70000", "port"),
        ("LOOM_PLATFORM_FEE_BPS", "10001", "platform_fee_bps"),
        ("LOOM_PUBLIC_URL", "loom.example", "https://"),
        ("DATABASE_URL", "sqlite:///x", "PostgreSQL"),
        ("LOOM_SETTLED_CURRENCIES", "USD,euro", "USD,EUR"),
        ("LOOM_SETTLED_CURRENCIES", "", "USD,EUR"),
    ],
)
def test_a_wrong_setting_says_which_and_how(monkeypatch, name, value, words):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=words):
        kit.settings()


def test_currencies_are_read_as_people_write_them(monkeypatch):
    monkeypatch.setenv("LOOM_SETTLED_CURRENCIES", " usd, EUR,USD")
    assert kit.settings().settled == ("USD", "EUR")


def test_production_refuses_a_short_key(monkeypatch):
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LOOM_SECRET_KEY", "short")
    with pytest.raises(SettingsError, match="LOOM_SECRET_KEY"):
        kit.settings()


def test_a_key_is_made_once_and_kept_for_nobody_else(monkeypatch, folder):
    monkeypatch.delenv("LOOM_SECRET_KEY", raising=False)
    monkeypatch.setenv("LOOM_DATA_DIR", str(folder))
    first = kit.settings().key()
    assert len(first) >= 32
    assert kit.settings().key() == first
    assert (folder / "secret.key").stat().st_mode & 0o077 == 0
