"""A start with wrong or missing settings ends at once, in words."""

import pytest

from loom_app.kit.settings import Settings, SettingsError, settings

GOOD = {
    "LOOM_PUBLIC_URL": "https://loom.example/",
    "LOOM_SECRET_KEY": "a" * 32,
    "DATABASE_URL": "postgresql://db/loom",
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "SMTP_URL": "smtp://mail",
    "LOOM_DEMO": "false",
}


@pytest.fixture
def environment(monkeypatch):
    for variable, value in GOOD.items():
        monkeypatch.setenv(variable, value)
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


def test_a_whole_production_environment_starts(environment):
    chosen = settings()
    assert chosen.production
    assert chosen.https
    assert chosen.base_url == "https://loom.example"
    assert not chosen.stripe_sandbox


@pytest.mark.parametrize("missing", [name for name in GOOD if name != "LOOM_PUBLIC_URL"])
def test_production_refuses_what_is_a_default_and_names_it(environment, missing):
    environment.delenv(missing)
    with pytest.raises(SettingsError, match=missing):
        settings()


def test_production_refuses_a_short_key(environment):
    environment.setenv("LOOM_SECRET_KEY", "short")
    with pytest.raises(SettingsError, match="LOOM_SECRET_KEY"):
        settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LOOM_PUBLIC_URL", "loom.example"),
        ("DATABASE_URL", "sqlite:///loom.db"),
        ("LOOM_PORT", "many"),
        ("LOOM_PLATFORM_FEE_BPS", "10001"),
    ],
)
def test_a_wrong_value_is_named(environment, variable, value):
    environment.setenv(variable, value)
    with pytest.raises(SettingsError, match="These settings are wrong"):
        settings()


def test_nothing_has_to_be_set_in_development(monkeypatch):
    for variable in GOOD:
        monkeypatch.delenv(variable, raising=False)
    chosen = Settings(_env_file=None)  # pyright: ignore[reportCallIssue]
    assert not chosen.production
    assert chosen.stripe_sandbox
