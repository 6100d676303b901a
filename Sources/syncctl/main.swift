import ArgumentParser
import X509
print("x")
