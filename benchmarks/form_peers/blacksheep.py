"""Forms in BlackSheep: `request.form()`, which stores large files, and the parts as they arrive."""

from blacksheep import Application, Request, Response, text

app = Application()


@app.router.post("/upload")
async def upload(request: Request) -> Response:
    form = await request.form()
    return text(f"{form['title']} {form['film'][0].size}")


@app.router.post("/stream")
async def stream(request: Request) -> Response:
    title, size = "", 0
    async for part in request.multipart_stream():
        if part.file_name:
            async for chunk in part.stream():
                size += len(chunk)
        else:
            title = (await part.read()).decode()
    return text(f"{title} {size}")


@app.router.post("/files")
async def files(request: Request) -> Response:
    form = await request.form()
    size = sum(photo.size for photo in form["photos"])
    return text(f"{form['name']} {form['email']} {form['city']} {int(form['year'])} {form['agreed'] == 'on'} {size}")


@app.router.post("/fields")
async def fields(request: Request) -> Response:
    form = await request.form()
    return text(f"{form['name']} {form['email']} {form['city']} {int(form['year'])} {form['agreed'] == 'on'}")
