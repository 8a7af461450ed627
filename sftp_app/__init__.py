"""The only SSH speaker: sessions that trust no stranger, uploads that are never short, pickup, probe."""
