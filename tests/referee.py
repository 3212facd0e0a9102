"""A model that judges by rule, for the scripted endpoint: it reads the prompt as a judge gets it and writes one verdict
line. Sound on the canaries of the product, so that its verdicts count."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

_FORM = re.compile(r'\{"case": "([0-9a-f]{8})", "(verdict|refused)": ')
_TOYS = ("蓝色", "红色", "swans")
"""What the canaries' toy rules forbid."""
_SORRY = ("抱歉", "sorry")


def referee(*bad: str) -> Callable[[str], str]:
    """The rule of an endpoint: an answer that holds one of ``bad`` fails, and one that says sorry refuses."""

    def judge(prompt: str) -> str:
        form = _FORM.search(prompt)
        assert form is not None, "this is no prompt for a judge"
        answer = _answer(prompt)
        if form[2] == "verdict":
            word = "fail" if any(each in answer for each in (*_TOYS, *bad)) else "pass"
        else:
            word = "yes" if any(each in answer for each in _SORRY) else "no"
        return json.dumps({"case": form[1], form[2]: word})

    return judge


def _answer(prompt: str) -> str:
    """What stands between the second and the third mark."""
    _before, _question, answer, *_rest = re.split(r"^=== [0-9a-f]{16} .*$", prompt, flags=re.MULTILINE)
    return answer
