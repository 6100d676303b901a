import ArgumentParser
import Configuration
print("")
