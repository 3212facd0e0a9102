"""Statistics that may be quoted: pure functions of counts and labels, each with its source.

proportion     the plain rule and the exact bound beside it                    proportion
clusters       derived questions: variance, design effect, cautious bounds     clusters
strata         weighted rates: every risk alike, as in the bank, as in use     strata
multiplicity   many risks at once: Holm, Bonferroni, for looking also BH       multiplicity
finite         when the claim is about this bank and no more                   finite
planning       how many items, and what a plain rule lets through              planning
comparison     two versions on the same questions                              comparison
agreement      a judge against people, and whether it may be used              agreement
correction     a judge corrected by people's labels (internal edition only)    correction
"""
