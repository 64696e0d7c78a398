"""The command line: parse, call, print. Every command mirrors one public function."""
