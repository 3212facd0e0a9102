"""What can go wrong with a model; no message ever holds a secret.

ModelError            a model cannot be used as asked
├ EndpointError       an endpoint did not answer as it should; ``code`` says how
├ EmbeddedMissing     the embedded model or its server is not installed
├ EmbeddedFailed      the embedded server did not start
├ InstallFailed       pip could not bring the embedded model
└ BudgetReached       the project's cap on calls, tokens, minutes or money
"""

from __future__ import annotations

from typing import Literal

from mofang.errors import MofangError

Code = Literal[
    "refused",  # nobody listens there
    "unreachable",  # no such host, no route
    "proxy",  # the proxy said no
    "tls",  # the certificate is not trusted, or no TLS there
    "disconnected",  # the connection broke in the middle
    "timeout",
    "unauthorized",  # 401, 403
    "not_found",  # 404: no such route
    "model_unknown",
    "rate_limited",  # 429
    "server_error",  # 5xx
    "redirect",  # 3xx: never followed, the key would go along
    "context",  # the prompt is longer than the model takes
    "blocked",  # the provider's own filter
    "rejected",  # any other 4xx, or an error object under status 200
    "html",  # a page for people where JSON should be
    "stream",  # events where one answer should be
    "not_json",
    "malformed",  # JSON without an answer in it
    "empty",  # an answer of no characters
    "too_large",
]


class ModelError(MofangError):
    """A model cannot be used as asked."""


class EndpointError(ModelError):
    """An endpoint did not answer as it should. ``code`` is stable and goes into records; ``retry_after`` is
    how many seconds the endpoint asked us to wait, if it did; ``attempts`` is the number of requests
    made."""

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        where: str | None = None,
        remedy: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, where=where, remedy=remedy)
        self.code = code
        self.status = status
        self.retry_after = retry_after
        self.attempts = 1

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.code, self.message, self.where, self.remedy, self.status, self.attempts))


class EmbeddedMissing(ModelError):
    """The embedded model, or the server that runs it, is not installed here."""


class EmbeddedFailed(ModelError):
    """The embedded model's server did not start, or its weights are not the ones that were published."""


class InstallFailed(ModelError):
    """pip could not install the embedded model."""


class BudgetReached(ModelError):
    """A cap of the project's budget was reached; what was answered before is kept."""


def _rebuild(
    code: Code, message: str, where: str | None, remedy: str | None, status: int | None, attempts: int
) -> EndpointError:
    error = EndpointError(code, message, where=where, remedy=remedy, status=status)
    error.attempts = attempts
    return error
