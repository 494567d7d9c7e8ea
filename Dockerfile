# The service without its embedded servers: `termijn migrate`, `termijn worker`, `termijn api`.
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/termijn
COPY requirements-runtime.lock ./
RUN /opt/termijn/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-runtime.lock
COPY . .
RUN /opt/termijn/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
 && /opt/termijn/bin/pip uninstall --quiet --yes setuptools pip

FROM python:3.11.14-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin termijn
COPY --from=build /opt/termijn /opt/termijn
ENV PATH=/opt/termijn/bin:$PATH PYTHONUNBUFFERED=1
USER termijn
WORKDIR /tmp
ENTRYPOINT ["termijn"]
CMD ["--help"]
