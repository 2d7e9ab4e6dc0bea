from .world import World

def test_smoke():
    for kinds in (("local",), ("ssh","ssh"), ("local","ssh")):
        w = World(*kinds)
        ids = [w.submit(20, n % 2, tries=2) for n in range(6)]
        w.end(600)
        print(w.now, [(w.job(i).state, w.job(i).ref.number) for i in ids], w.judge)
