"""Assurance 合规: a standard as data, questions put to the service, conclusions proposed with their proof.

    Pack          a standard: clauses 条款, checks, risks, path, dossier wording   pack, pack_schema
    decide_path   which procedure probably applies, from stated facts             path, conditions
    Question      and Bank 题库: import, coverage, the starter bank                bank, bank_files, starter
    draw          samples by a seed that is committed beforehand                  draw
    judges        verdicts 判定 on answers and records                             judges/
    conclude      a proposal on every clause, with what is missing                conclude, findings, attach
    dossier       the filing material 备案材料 as pages over evidence              dossier/

The software proposes; a named person concludes, and the authority decides.
"""
