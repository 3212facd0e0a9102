"""A standard 标准 as data: its pack of clauses, risks and checks, and the path that probably applies.

Pack            what a folder of YAML says, inheritance merged, every row checked     pack, rows, check_rows, fields, files
schema          the nouns: Clause 条款, Check, Risk, Aspect, Source, Crosswalk 对照     schema, metric_names
opening         the standard a project names, with what persons confirmed in it       opening, confirmations
difference      two packs side by side, and what must be done again                   difference
kit             what can be said of a pack without an assessment                      kit, dry_run
path            which procedure probably applies, from stated facts                   path, conditions
"""
