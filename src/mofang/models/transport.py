"""The way to an endpoint: secrets from the environment, trust, the session, and the names of what can break."""

from __future__ import annotations

import errno
import os
import resource
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError

from mofang.i18n import _
from mofang.models.config import VARIABLE, EndpointConfig
from mofang.models.errors import EndpointError, ModelError

_KEPT_SECONDS = 30
"""How long an idle connection is kept; most servers and balancers close theirs after a minute or later."""

_OTHER_FILES = 256


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """Headers and proxy with their secrets filled in, and the secrets alone, longest first."""

    headers: dict[str, str]
    proxy: str | None
    secrets: tuple[str, ...]


def read_access(config: EndpointConfig, base_url: str) -> Access:
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
    proxy = _proxy(config, base_url)
    if proxy and proxy != config.proxy:
        secrets |= {proxy, *filter(None, [_password(proxy)])}
    return Access(headers, proxy, tuple(sorted(secrets, key=len, reverse=True)))


def open_session(config: EndpointConfig, base_url: str, access: Access) -> aiohttp.ClientSession:
    """The session that holds an endpoint's connections; call it in a running loop, and close it. Raises
    ModelError for a file of authorities that cannot be read."""
    _make_room(config.concurrency)
    plain = base_url.startswith("http:") and not (access.proxy or "").startswith("https:")
    connector = aiohttp.TCPConnector(
        ssl=True if plain else _trust(config.ca),
        limit=0,  # who asks holds itself to config.concurrency
        keepalive_timeout=_KEPT_SECONDS,
    )
    return aiohttp.ClientSession(
        connector=connector,
        headers=access.headers,
        proxy=access.proxy,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=_connect_seconds(config)),
    )


def _make_room(connections: int) -> None:
    """Ask the system for so many open files: 1,024 is a usual limit, and a process may raise its own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OTHER_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _connect_seconds(config: EndpointConfig) -> int:
    return min(10, config.timeout_s)


def _proxy(config: EndpointConfig, base_url: str) -> str | None:
    """The proxy of the config, else the environment's; the loopback needs none."""
    if config.proxy:
        return _checked(_expand(config.proxy, "proxy"), "proxy")
    parts = urlsplit(base_url)
    if _loopback(parts.hostname or ""):
        return None
    from urllib.request import getproxies, proxy_bypass

    found = getproxies()
    for name in (parts.scheme, "all"):
        address = found.get(name)
        if address and not proxy_bypass(parts.netloc):
            return _checked(address if "://" in address else f"http://{address}", f"{name.upper()}_PROXY")
    return None


def _checked(address: str, where: str) -> str:
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ModelError(
            _("the proxy is not an address"), where=where, remedy=_("write it as http://host:port")
        )
    return address


def transport_error(error: Exception, config: EndpointConfig, where: str, proxied: bool) -> EndpointError:
    """What aiohttp or the system raised, as an EndpointError that names what is wrong and what to do."""
    causes = list(_chain(error))
    through = _(" (through the proxy)") if proxied else ""
    network = _("check the address, the network and proxy")
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        text = _("no connection within {n} s").format(n=_connect_seconds(config))
        return EndpointError("timeout", text + through, where=where, remedy=network)
    if isinstance(error, TimeoutError):
        text = _("no answer within {n} s").format(n=config.timeout_s)
        return EndpointError(
            "timeout", text + through, where=where, remedy=_("raise timeout_s, or lower concurrency")
        )
    for cause in causes:
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, aiohttp.ClientError):
            return _tls_error(cause, where)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        remedy = _("check proxy and what it lets through")
        return EndpointError("proxy", _("the proxy refused the connection"), where=where, remedy=remedy)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return EndpointError("unreachable", _("no such host") + through, where=where, remedy=network)
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        remedy = _("start the server, or check host and port")
        return EndpointError("refused", _("nobody listens there") + through, where=where, remedy=remedy)
    if any(isinstance(cause, OSError) and cause.errno in (errno.EMFILE, errno.ENFILE) for cause in causes):
        remedy = _("lower concurrency, or raise the limit: ulimit -n")
        return EndpointError("unreachable", _("too many open files"), where=where, remedy=remedy)
    if isinstance(error, aiohttp.ClientConnectorError):
        return EndpointError("unreachable", _("no connection") + through, where=where, remedy=network)
    if any(isinstance(cause, ContentEncodingError) for cause in causes):
        return EndpointError("not_json", _("the reply cannot be decompressed"), where=where)
    if isinstance(error, ValueError):
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


def _loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _trust(ca: str | None) -> ssl.SSLContext:
    """The authorities to trust: those of SSL_CERT_FILE or SSL_CERT_DIR, else certifi's, and ``ca``."""
    import certifi

    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    try:
        context = ssl.create_default_context(
            cafile=file or (None if folder else certifi.where()), capath=None if file else folder
        )
    except (ssl.SSLError, OSError) as error:
        raise _bad_authorities(file or folder or certifi.where()) from error
    if ca is None:
        return context
    if not Path(ca).is_file():
        raise ModelError(
            _("the file of certificate authorities is missing"),
            where=ca,
            remedy=_("give a file of certificates in PEM form"),
        )
    try:
        context.load_verify_locations(ca)
    except (ssl.SSLError, OSError) as error:
        raise _bad_authorities(ca) from error
    return context


def _bad_authorities(file: str) -> ModelError:
    return ModelError(
        _("the file of certificate authorities cannot be read"),
        where=file,
        remedy=_("give a file of certificates in PEM form"),
    )


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
