"""A desk program that reads cards itself: desk.py LIBRARY. Declares the result as 64 bits, as many do."""
import ctypes
import sys

library = ctypes.CDLL(sys.argv[1])
read_card = library.iReadCardBas
read_card.restype = ctypes.c_longlong
out = ctypes.create_string_buffer(1024)
result = read_card(1, out)
print(result, out.value.hex().upper())
