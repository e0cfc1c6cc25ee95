print("textpin")
