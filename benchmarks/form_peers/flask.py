"""Forms in Flask: `request.form` and `request.files`; it hands out no parts as they arrive."""

from flask import Flask, request

app = Flask(__name__)


@app.post("/upload")
def upload() -> str:
    return f"{request.form['title']} {request.files['film'].seek(0, 2)}"


@app.post("/files")
def files() -> str:
    form = request.form
    size = sum(photo.seek(0, 2) for photo in request.files.getlist("photos"))
    return f"{form['name']} {form['email']} {form['city']} {int(form['year'])} {form['agreed'] == 'on'} {size}"


@app.post("/fields")
def fields() -> str:
    form = request.form
    return f"{form['name']} {form['email']} {form['city']} {int(form['year'])} {form['agreed'] == 'on'}"
