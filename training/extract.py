print("extract: nothing to do")
