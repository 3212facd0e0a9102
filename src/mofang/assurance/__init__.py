"""Assurance 合规: a standard as data, questions put to the service, conclusions proposed with their proof.

    standard      packs: clauses 条款, checks, risks, the path that probably applies        standard/
    banks         question banks 题库: import, coverage, likeness, leakage, sealing         banks/
    draw          samples by a seed that is committed beforehand                           draw
    judges        verdicts 判定 on answers and records: rules, classifier, model, people    judges/
    statistics    what may be concluded from counts                                        statistics/
    conclude      a proposal on every clause, with what is missing                         conclude, findings, attach
    analysis      risks, voices, targets and versions side by side                         analysis/
    report        one page to look at: heat map, votes, questions and answers              report/
    dossier       the filing material 备案材料 as pages over evidence                       dossier/

The software proposes; a named person concludes, and the authority decides.
"""
