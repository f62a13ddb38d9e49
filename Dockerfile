# One image per service: `docker build --target cms .` and `docker build --target search .`
# Each holds its own service, its own packages and nothing of the other's.

FROM python:3.13-slim AS base
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    GRANIAN_INTERFACE=wsgi \
    GRANIAN_HOST=0.0.0.0 \
    GRANIAN_LOG_LEVEL=warning
# /data exists in the image so that a new volume belongs to the user who writes to it.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin app \
    && install --directory --owner=app --group=app /data
WORKDIR /app

FROM base AS cms-packages
COPY requirements/cms.txt /tmp/requirements.txt
RUN python -m venv /venv \
    && pip install --no-cache-dir --require-hashes --requirement /tmp/requirements.txt

FROM base AS search-packages
COPY requirements/search.txt /tmp/requirements.txt
RUN python -m venv /venv \
    && pip install --no-cache-dir --require-hashes --requirement /tmp/requirements.txt

FROM base AS cms
COPY --from=cms-packages /venv /venv
COPY LICENSE NOTICE ./
COPY cms ./cms
USER app
EXPOSE 8000
CMD ["python", "-m", "granian", "cms.wsgi:application"]

FROM base AS search
COPY --from=search-packages /venv /venv
COPY LICENSE NOTICE ./
COPY contracts ./contracts
COPY search_service ./search_service
USER app
EXPOSE 8001
CMD ["python", "-m", "granian", "search_service.wsgi:application"]
