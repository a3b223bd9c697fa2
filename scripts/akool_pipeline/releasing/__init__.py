"""What a release needs: lint, the changelog, the version number."""
