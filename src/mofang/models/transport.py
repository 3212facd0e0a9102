"""The way to an endpoint: secrets from the environment, trust, clients, and the names of what can break."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from mofang.i18n import _
from mofang.models.config import VARIABLE, EndpointConfig
from mofang.models.errors import EndpointError, ModelError

_LANE = 16
"""Connections of one client: a pool of httpx searches them all for each request; small pools are faster."""


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """Headers and proxy with their secrets filled in, and the secrets alone, longest first."""

    headers: dict[str, str]
    proxy: str | None
    secrets: tuple[str, ...]


def read_access(config: EndpointConfig) -> Access:
    """What the environment holds for ``config``. Raises ModelError that names the missing variable."""
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": "mofang"}
    secrets = set()
    for name, text in config.headers.items():
        headers[name] = _expand(text, f"headers.{name}")
        secrets |= {_variable(found, f"headers.{name}") for found in VARIABLE.findall(text)}
    if config.key_env:
        key = _variable(config.key_env, "key_env")
        headers["Authorization"] = f"Bearer {key}"
        secrets.add(key)
    proxy = _expand(config.proxy, "proxy") if config.proxy else None
    if proxy and proxy != config.proxy:
        secrets |= {proxy, *filter(None, [_password(proxy)])}
    return Access(headers, proxy, tuple(sorted(secrets, key=len, reverse=True)))


def make_clients(config: EndpointConfig, base_url: str, access: Access) -> list[httpx.AsyncClient]:
    """Clients that together hold the connections ``config`` allows. Raises ModelError for a bad proxy."""
    near = _loopback(base_url) and access.proxy is None
    trust: ssl.SSLContext | bool = False if near and base_url.startswith("http:") else _trust(config.ca)
    try:
        return [
            httpx.AsyncClient(
                headers=access.headers,
                proxy=access.proxy,
                verify=trust,
                trust_env=access.proxy is None and not near,
                timeout=httpx.Timeout(config.timeout_s, connect=_connect_seconds(config)),
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=_LANE),
            )
            for _lane in range((config.concurrency + _LANE - 1) // _LANE)
        ]
    except (ValueError, httpx.InvalidURL):
        raise ModelError(
            _("the proxy is not an address"), where="proxy", remedy=_("write it as http://host:port")
        ) from None


def _connect_seconds(config: EndpointConfig) -> int:
    return min(10, config.timeout_s)


def transport_error(error: Exception, config: EndpointConfig, where: str) -> EndpointError:
    """What httpx or the system raised, as an EndpointError that names what is wrong and what to do."""
    causes = list(_chain(error))
    through = _(" (through the proxy)") if config.proxy else ""
    network = _("check the address, the network and proxy")
    if isinstance(error, httpx.ConnectTimeout):
        text = _("no connection within {n} s").format(n=_connect_seconds(config))
        return EndpointError("timeout", text + through, where=where, remedy=network)
    if isinstance(error, (TimeoutError, httpx.TimeoutException)):
        text = _("no answer within {n} s").format(n=config.timeout_s)
        return EndpointError(
            "timeout", text + through, where=where, remedy=_("raise timeout_s, or lower concurrency")
        )
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _tls_error(cause, where)
    if isinstance(error, httpx.ProxyError):
        remedy = _("check proxy and what it lets through")
        return EndpointError("proxy", _("the proxy refused the connection"), where=where, remedy=remedy)
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return EndpointError("unreachable", _("no such host") + through, where=where, remedy=network)
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        remedy = _("start the server, or check host and port")
        return EndpointError("refused", _("nobody listens there") + through, where=where, remedy=remedy)
    if isinstance(error, httpx.ConnectError):
        return EndpointError("unreachable", _("no connection") + through, where=where, remedy=network)
    if isinstance(error, httpx.DecodingError):
        return EndpointError("not_json", _("the reply cannot be decompressed"), where=where)
    if isinstance(error, (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL)):
        remedy = _("check the address, headers and proxy")
        return EndpointError("rejected", _("the request cannot be sent"), where=where, remedy=remedy)
    return EndpointError("disconnected", _("the connection broke") + through, where=where)


def _tls_error(error: ssl.SSLError, where: str) -> EndpointError:
    if isinstance(error, ssl.SSLCertVerificationError):
        text = _("the certificate is not trusted: {why}").format(why=error.verify_message)
        remedy = _("name the file of the authority that signed it: ca: company-ca.pem")
    else:
        text = _("no TLS connection: {why}").format(why=error.reason or error)
        remedy = _("check whether the address should begin with http:// instead of https://")
    return EndpointError("tls", text, where=where, remedy=remedy)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, its causes, and the members of groups among them."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for member in error.exceptions:
                yield from _chain(member)
        error = error.__cause__ or error.__context__


def _loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def _trust(ca: str | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context()
    if ca is None:
        return context
    remedy = _("give a file of certificates in PEM form")
    if not Path(ca).is_file():
        raise ModelError(_("the file of certificate authorities is missing"), where=ca, remedy=remedy)
    try:
        context.load_verify_locations(ca)
    except (ssl.SSLError, OSError) as error:
        text = _("the file of certificate authorities cannot be read")
        raise ModelError(text, where=ca, remedy=remedy) from error
    return context


def _variable(name: str, setting: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise ModelError(
            _("the variable {name} is not set").format(name=name),
            where=setting,
            remedy=_("put the secret into the environment: export {name}=…").format(name=name),
        )
    if not value.isascii() or not value.isprintable():
        raise ModelError(
            _("the variable {name} holds what cannot be sent").format(name=name),
            where=setting,
            remedy=_("export it again, on one line and in plain ASCII"),
        )
    return value


def _expand(text: str, setting: str) -> str:
    return VARIABLE.sub(lambda match: _variable(match[1], setting), text)


def _password(address: str) -> str | None:
    try:
        return urlsplit(address).password
    except ValueError:
        return None
