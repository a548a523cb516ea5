"""What the session holds: a shop's, some 300 bytes of JSON."""

SECRET = "correct horse battery staple, 1234 times over"  # noqa: S105  of nobody
PAYLOAD = {
    "count": 7,
    "user": 4711,
    "name": "Ann Lee",
    "language": "de",
    "cart": [
        {"sku": "NB-204", "title": "Nest box, oak", "quantity": 1},
        {"sku": "CM-002", "title": "Camera, weatherproof", "quantity": 1},
        {"sku": "FD-030", "title": "Mealworms, dried, 500 g", "quantity": 12},
    ],
    "seen": [204, 30, 2, 17],
}
