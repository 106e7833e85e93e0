loop: 0 the trace begins fermata=? backend=sim clock=virtual, 0 tasks alive count=1, 0 poll, 1 /poll, 1 tasks alive count=3, 1 poll, 1000001 /poll, 1000001 poll, 2000001 /poll, 2000001 served count=2, 2000001 the trace is complete lost=0
play_main: 0 start parent=1, 0 ready 1, 1 turn, 1 /turn, 1 queue get count=0 limit=1, 1000001 /queue get, 1000001 turn, 1000001 /turn, 1000001 queue get count=0 limit=1, 2000001 /queue get, 2000001 turn, 2000001 /turn, 2000001 turn, 2000001 /turn result=0
rice: 1 start parent=2, 1 turn, 1 /turn, 1 sleep us=2000000.0, 2000001 /sleep, 2000001 turn, 2000001 served, 2000001 /turn result=0
cook: 1 start parent=2, 1 turn, 1 /turn, 1 sleep us=1000000.0, 1000001 /sleep, 1000001 turn, 1000001 served, 1000001 /turn result=0
