"""Real servers started as child processes, for laptops and tests; production brings its own."""
