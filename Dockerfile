# One image for web, worker, beat and migrate. Runs as an ordinary user; nothing is kept on its disk.
FROM python:3.11-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 REMAP_SIGTERM=SIGQUIT
RUN useradd --create-home connector
WORKDIR /app
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY --chown=connector . .
RUN SECRET_KEY=build CONNECTOR_KEKS= DATABASE_URL=sqlite:////tmp/build.sqlite3 REDIS_URL=redis://unused \
    python manage.py collectstatic --noinput
USER connector
CMD ["gunicorn", "connector.wsgi", "--bind", "0.0.0.0:8000", "--threads", "8"]
