# Everything a server, a worker or both in one process need. Data lives in /data.
FROM python:3.11-slim

WORKDIR /opt/runyard
COPY requirements requirements
RUN pip install --no-cache-dir --require-hashes -r requirements/server.txt -r requirements/build.txt \
    && pip install --no-cache-dir --require-hashes --no-deps --target /usr/local/share/runyard/assets -r requirements/assets.txt

COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
    && useradd --create-home runyard \
    && install --directory --owner runyard --mode 0700 /data

USER runyard
VOLUME /data
