"""The names of the metrics that checks may ask for; what they compute is registered with the figures."""

from __future__ import annotations

METRIC_NAMES = frozenset(
    {
        "clauses_without_result",
        "days_since_update",
        "document_attached",
        "documents_present",
        "dual_role_count",
        "filtered_share",
        "foreign_share",
        "illegal_share",
        "keyword_count",
        "pass_rate",
        "question_count",
        "refusal_rate",
        "reviewed_share",
        "risks_with_rule",
        "signatures",
        "source_count",
    }
)
