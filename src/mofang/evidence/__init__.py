"""Evidence 证据: what was made, from what, recorded by whom, and how to check it again.

    Digest        "sha256:…", the name of every artifact                              digest
    ObjectStore   put, get, open: artifacts 制品 by digest                            objects
    leaves        records inside an artifact, under a Merkle root; "sha256:…#17"      leaves, merkle
    Statement     a declared fact 声明 about subjects: in-toto, DSSE, Ed25519         statements, keys
    Chain         all statements of a workspace, one after another, sealed            chain, entries, flaws
    Refs          names for digests, each with a log                                  refs
    Ledger        an index over the chain; may be deleted at any time                 ledger
    Workspace     the folder .mofang: create, open, lock, record                      workspace, lock
    Figure        a number, its metric, and the inputs it is recomputed from          figures
    Pedigree      what every statement says of every artifact 谱系, from the chain    pedigree
    lineage       what made an artifact, what came of it 血缘                         lineage
    show          open what a reference points to: facts, body, further references    show, find, preview
    verify        hold everything against the bytes 校验; Report, Problem             verify, substance, report
    withdraw      take out on request 撤回, leaving a signed Tombstone 墓碑           withdrawal, tombstones
    collect       free what no name leads to 回收                                     collection
    Bundle        a dossier with its evidence, texts withheld 证据包: write, open     bundle, bundled, quotes

Every durable write passes through files.py, so that a process may die at any moment.
"""
