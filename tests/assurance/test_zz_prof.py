import cProfile,pstats
def test_p(project, scripted):
    pr=cProfile.Profile(); pr.enable(); project.assess(); pr.disable()
    pstats.Stats(pr).sort_stats('cumtime').print_stats(45)
    assert 0
