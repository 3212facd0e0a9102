"""One entry of the ``models`` section of ``mofang.yaml``: an endpoint, where it runs and how it is asked.

Secrets stay in the environment: the file names the variable; its value is read when the endpoint is opened.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from mofang.errors import MofangError
from mofang.i18n import _
from mofang.models.errors import ModelError
from mofang.registry import nearest

EMBEDDED = "embedded"
EMBEDDED_MODEL = "SmolLM2-135M-Instruct"
IDENTITIES = ("weights", "fingerprinted", "declared")
LOCATIONS = ("local", "domestic", "foreign")

VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
"""``$NAME`` in a header or proxy: the value of that environment variable when the endpoint is opened."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PRICE = re.compile(r"\d{1,9}(\.\d{1,9})?")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SECRET = re.compile(r"auth|key|token|secret|cookie|password|credential", re.IGNORECASE)
_SCHEMES = ("", "bearer", "basic", "token", "apikey")
_OWN_BODY = ("model", "messages", "stream", "n", "temperature", "max_tokens")
_BOUNDS = {
    "max_tokens": (1, 131_072),
    "concurrency": (1, 1000),
    "timeout_s": (1, 3600),
    "retries": (0, 20),
    "requests_per_minute": (1, 1_000_000),
    "tokens_per_minute": (1, 10**9),
}


@dataclass(frozen=True, slots=True)
class EndpointConfig:
    """An OpenAI-compatible endpoint, or ``embedded`` for the small model that Mofang serves itself."""

    endpoint: str = field(
        metadata={"says": "embedded, or the address of an OpenAI-compatible API, ending in /v1"}
    )
    model: str = field(default="", metadata={"says": "the model's name as the endpoint knows it"})
    version: str = field(default="", metadata={"says": "version of the model, as its provider declares it"})
    key_env: str | None = field(
        default=None, metadata={"says": "NAME of the environment variable with the key"}
    )
    key: str | None = field(
        default=None, repr=False, metadata={"says": "refused: secrets do not belong here, see key_env"}
    )
    headers: Mapping[str, str] = field(
        default_factory=dict, metadata={"says": "further headers; $NAME stands for an environment variable"}
    )
    proxy: str | None = field(
        default=None,
        metadata={"says": "HTTP proxy such as http://proxy:3128; $NAME is an environment variable"},
    )
    ca: str | None = field(
        default=None, metadata={"says": "file of further certificate authorities to trust (PEM)"}
    )
    identity: str = field(
        default="",
        metadata={
            "says": "how surely the model is known: weights (embedded only), fingerprinted or declared"
        },
    )
    location: str = field(default="", metadata={"says": "where it runs: local, domestic or foreign"})
    system_prompt: str = field(default="", metadata={"says": "the service's system prompt"})
    temperature: str = field(default="0", metadata={"says": "sampling temperature, a decimal from 0 to 2"})
    max_tokens: int = field(default=512, metadata={"says": "longest answer in tokens"})
    extra: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"says": "further fields of each request (top_p, seed, enable_thinking), read as JSON"},
    )
    concurrency: int = field(default=8, metadata={"says": "most requests at a time"})
    timeout_s: int = field(default=60, metadata={"says": "seconds one request may take"})
    retries: int = field(
        default=3,
        metadata={"says": "tries after a 5xx or a broken connection; after a 429 five times as many"},
    )
    requests_per_minute: int | None = field(
        default=None, metadata={"says": "most requests in a minute, as the provider allows them"}
    )
    tokens_per_minute: int | None = field(
        default=None, metadata={"says": "most tokens in a minute, of prompts and answers together"}
    )
    price_in: str | None = field(
        default=None, metadata={"says": "price of a million prompt tokens, a decimal"}
    )
    price_out: str | None = field(
        default=None, metadata={"says": "price of a million answer tokens, a decimal"}
    )
    currency: str = field(default="CNY", metadata={"says": "currency of the prices"})

    def __post_init__(self) -> None:
        if self.key is not None:
            raise _wrong(
                "key", _("holds the secret itself"), _("export it and name the variable: key_env: MY_API_KEY")
            )
        for setting in fields(self):
            value = getattr(self, setting.name)
            if setting.name in _BOUNDS:
                if value is not None or setting.default is not None:
                    _check_bounds(setting.name, value)
            elif setting.name in ("headers", "extra"):
                _check_texts(setting.name, value)
            elif not isinstance(value, str) and not (value is None and setting.default is None):
                raise _wrong(setting.name, _("is not text"), _("put it in quotes"))
        _check_address(self.endpoint)
        _check_access(self)
        object.__setattr__(self, "temperature", _decimal(self.temperature))
        _settle(self)
        _check_prices(self)
        for name in self.extra:
            if name in _OWN_BODY or _SECRET.search(name):
                raise _wrong(f"extra.{name}", _("has its own setting"), _("remove it here"))

    @property
    def embedded(self) -> bool:
        return self.endpoint == EMBEDDED

    @property
    def host(self) -> str:
        """Host and port of the endpoint, or ``embedded``: what may be printed of an address."""
        return EMBEDDED if self.embedded else urlsplit(self.endpoint).netloc.lower()

    @property
    def priced(self) -> bool:
        """Whether it is known what tokens cost: they are declared, or it runs here and costs nothing."""
        return self.price_in is not None or self.location == "local"

    def identity_parameters(self) -> dict[str, Any]:
        """What shapes the answers, beside the weights: JSON without floats, secrets or addresses."""
        return {
            "model": self.model,
            "version": self.version,
            "system_prompt": self.system_prompt,
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "extra": dict(self.extra),
        }

    def body(self) -> dict[str, Any]:
        """The fields of every request but the messages, as the endpoint reads them."""
        sampling = {"temperature": float(self.temperature), "max_tokens": self.max_tokens}
        return {"model": self.model, **sampling, **{name: _json(text) for name, text in self.extra.items()}}

    def wire(self) -> dict[str, Any]:
        """The whole declaration as JSON without floats; it holds no secret, since a config never does."""
        return {name: value for name, value in asdict(self).items() if name != "key"}

    @classmethod
    def parse(cls, wire: Mapping[str, Any]) -> EndpointConfig:
        """The config behind :meth:`wire`, or a mapping from a file. Raises ModelError for a wrong field."""
        known = [setting.name for setting in fields(cls)]
        for name in wire:
            if name not in known:
                near = nearest(name, known)
                raise _wrong(
                    name,
                    _("is unknown"),
                    _("did you mean {near}?").format(near=near[0])
                    if near
                    else _("known: {names}").format(names=", ".join(known)),
                )
        if "endpoint" not in wire:
            raise _wrong("endpoint", _("is missing"), _("write embedded, or an address ending in /v1"))
        return cls(**wire)


def _check_bounds(name: str, value: object) -> None:
    least, most = _BOUNDS[name]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _wrong(
            name,
            _("is {found!r}").format(found=value),
            _("write a whole number from {least} to {most}").format(least=least, most=most),
        )


def _check_prices(config: EndpointConfig) -> None:
    for name, price in (("price_in", config.price_in), ("price_out", config.price_out)):
        if price is not None and not _PRICE.fullmatch(price):
            raise _wrong(
                name,
                _("is {found!r}").format(found=price),
                _('write what a million tokens cost, in quotes, such as "0.8"'),
            )
    if (config.price_in is None) != (config.price_out is None):
        raise _wrong(
            "price_in" if config.price_in is None else "price_out",
            _("is missing"),
            _('write both prices; "0" where one is free'),
        )
    if not re.fullmatch(r"[A-Z]{3}", config.currency):
        raise _wrong("currency", _("is {found!r}").format(found=config.currency), _("write CNY, USD, …"))


def _check_texts(name: str, value: object) -> None:
    if not isinstance(value, Mapping) or not all(
        isinstance(part, str) for pair in value.items() for part in pair
    ):
        raise _wrong(name, _("is not a mapping of texts"), _("write name: text, one on each line"))


def _check_address(endpoint: str) -> None:
    if endpoint == EMBEDDED:
        return
    wanted = _("write embedded, or an address such as https://api.example.cn/v1")
    try:
        parts = urlsplit(endpoint)
        parts.port  # noqa: B018  (raises ValueError for a port that is none)
    except ValueError:
        raise _wrong("endpoint", _("is not an address"), wanted) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", endpoint):
        raise _wrong("endpoint", _("is not an address"), wanted)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise _wrong(
            "endpoint",
            _("holds more than an address"),
            _("put the key in a variable and name it in key_env or headers"),
        )
    if parts.path.rstrip("/").endswith(("/completions", "/models", "/responses")):
        raise _wrong("endpoint", _("names one route of the API"), _("give the part before it, ending in /v1"))


def _check_access(config: EndpointConfig) -> None:
    if config.key_env is not None and (not _NAME.fullmatch(config.key_env) or len(config.key_env) > 100):
        raise _wrong(
            "key_env",
            _("is not the name of a variable"),
            _("give the variable's name only, and the secret to the environment"),
        )
    for name, text in config.headers.items():
        if not _HEADER.fullmatch(name) or not text.isprintable():
            raise _wrong("headers", _("holds what is not a header"), _("write Name: value"))
        # The value is never repeated: it may be the secret that somebody wrote here by mistake.
        if _SECRET.search(name) and VARIABLE.sub("", text).strip().lower() not in _SCHEMES:
            raise _wrong(
                f"headers.{name}",
                _("holds the secret itself"),
                _("export it and write: {name}: $MY_VARIABLE").format(name=name),
            )
    if config.proxy is not None:
        _check_proxy(config.proxy)


def _check_proxy(proxy: str) -> None:
    if VARIABLE.fullmatch(proxy):
        return
    parts = urlsplit(proxy)
    if "@" in parts.netloc:
        raise _wrong(
            "proxy", _("holds a password"), _("export the whole address and write: proxy: $MY_PROXY")
        )
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _wrong("proxy", _("is not an address"), _("write it as http://host:port"))


def _settle(config: EndpointConfig) -> None:
    """Fills what follows from the kind of endpoint, and refuses what contradicts it."""
    model, identity, location = config.model.strip(), config.identity, config.location
    if config.embedded:
        model, identity, location = model or EMBEDDED_MODEL, identity or "weights", location or "local"
        if model != EMBEDDED_MODEL:
            raise _wrong(
                "model", _("is not the embedded one"), _("write {model}").format(model=EMBEDDED_MODEL)
            )
        if location != "local":
            raise _wrong("location", _("is not where the embedded model runs"), _("write local"))
    identity = identity or "declared"
    if not model:
        raise _wrong("model", _("is missing"), _("write the name that the endpoint lists under /models"))
    if identity not in IDENTITIES:
        raise _wrong(
            "identity",
            _("is {found!r}").format(found=identity),
            _("write one of: {names}").format(names=", ".join(IDENTITIES)),
        )
    if identity == "weights" and not config.embedded:
        raise _wrong(
            "identity",
            _("cannot be weights: somebody else serves them"),
            _("write fingerprinted or declared"),
        )
    if location not in LOCATIONS:
        raise _wrong(
            "location",
            _("is {found!r}").format(found=location),
            _("write one of: {names}").format(names=", ".join(LOCATIONS)),
        )
    for name, value in (("model", model), ("identity", identity), ("location", location)):
        object.__setattr__(config, name, value)


def _decimal(text: str) -> str:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or not 0 <= value <= 2 or len(text) > 12 or "e" in text.lower():
        raise _wrong(
            "temperature",
            _("is {found!r}").format(found=text),
            _('write a decimal from 0 to 2 in quotes, such as "0.7"'),
        )
    plain = f"{value:f}"
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) or "0"


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except ValueError:
        return text


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _wrong(name: str, what: str, remedy: str) -> MofangError:
    return ModelError(_("{name} of a model {what}").format(name=name, what=what), remedy=remedy)
