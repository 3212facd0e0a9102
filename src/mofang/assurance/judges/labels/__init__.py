"""Labels 标注: what people said of answers and records, bound to exactly what they read.

    label       one person's word on one answer, and what can be labelled       label.py
    draw        which items a sheet holds, by a seed that is recorded            draw.py
    workbook    a sheet for people to fill in                                    workbook.py
    sheets      the rows of a file that came back: .csv, .xlsx, .jsonl           sheets.py
    reading     rows into labels; every row that is none is named                reading.py
    record      an import as a segment, a signed statement and a name            record.py
    agreement   how far people agree with one another                            agreement.py

Labels are claimed: a sheet says who labelled, and nobody has checked it. They hold no text.
"""
