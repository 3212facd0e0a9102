"""The look of an assessment: one HTML page that opens without a network.

page         findings + analysis + figures -> the page (build)
numbers      figures as the page prints them, and the cards that say where each comes from
heat         risks and aspects by voice: rate, bound and state of every cell
decisions    for every sampled check what the plain rule says and what the bound says
voices       judges, targets, versions and estimators side by side
records      draws, banks and their inspection, rules nobody has checked
items        questions, answers and votes, written into the page for the script to open one by one
picture      intervals and strips as inline SVG
wording      the page's words in both languages
"""
