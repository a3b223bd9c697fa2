"""Result files: names, pictures, videos, and who may have them when."""
