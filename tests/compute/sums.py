"""Tasks for the tests: small arithmetic over JSON blobs, with ways to fail."""

from __future__ import annotations

from mofang.compute.kinds import Job, JobKind, Outcome, Output, register_kind
from mofang.errors import MofangError
from mofang.evidence.digest import Digest

JSON = "application/json"


def number(job: Job) -> Outcome:
    if job.params["item"]["n"] == job.locations.get("broken"):
        raise MofangError("a broken number", where="item", remedy="mend it")
    return made(job, int(job.params["item"]["n"]))


def double(job: Job) -> Outcome:
    return made(job, 2 * int(job.objects.json(job.one("value"))))


def total(job: Job) -> Outcome:
    return made(job, sum(int(job.objects.json(digest)) for digest in job.many("values")))


def asked(job: Job) -> Outcome:
    job.work.mkdir(parents=True, exist_ok=True)
    with (job.work / "asked").open("a") as journal:
        journal.write("x")
    job.progress(1, 1, "asked")
    return made(job, 7)


def crash(job: Job) -> Outcome:
    raise ZeroDivisionError("a fault of ours")


def made(job: Job, value: int) -> Outcome:
    digest: Digest = job.objects.put_json(value)
    return Outcome({"value": Output(digest, JSON)}, counts={"n": 1})


for name, mode in (
    ("number", "pure"),
    ("double", "pure"),
    ("total", "pure"),
    ("asked", "observed"),
    ("crash", "pure"),
):
    register_kind(JobKind(f"sums.{name}", 1, mode, f"sums:{name}", ("value",)))
