"""How long nobody has touched this computer, each platform behind one interface that may not know."""
