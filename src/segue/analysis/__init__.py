"""What music sounds like: tempo, key, loudness, energy, waveform, similarity, and how two tracks go together in a mix."""
