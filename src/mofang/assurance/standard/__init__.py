"""A standard 标准 as data: its pack of clauses, risks and checks, and the path that probably applies.

Pack        what a folder of YAML says, inheritance merged, every row checked     pack, rows, fields, files
schema      the nouns: Clause 条款, Check, Risk, Aspect, Source                     schema
path        which procedure probably applies, from stated facts                   path, conditions
"""
