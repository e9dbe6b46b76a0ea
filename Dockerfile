# tlkit in a container, for training and everything else; `tlkit dockerfile RUN` writes a far smaller one for a service.
#
#   docker build -t tlkit .
#   docker run --rm --user "$(id -u)" -v "$PWD:/work" -v tlkit-cache:/cache tlkit run cats
#
# Records go to mlruns/ in the mounted folder, as that user's. With an NVIDIA GPU: docker build --build-arg EXTRAS=export,gpu, and run with --gpus all.
FROM python:3.12-slim AS build
ARG EXTRAS=export
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE CHANGELOG.md SECURITY.md ./
COPY tlkit tlkit
COPY recipes recipes
RUN python -m venv /opt/tlkit \
    && /opt/tlkit/bin/pip install --no-cache-dir --constraint constraints.txt ".[${EXTRAS}]"

FROM python:3.12-slim
COPY --from=build /opt/tlkit /opt/tlkit
ENV PATH=/opt/tlkit/bin:$PATH TLKIT_CACHE=/cache HOME=/cache
RUN mkdir /cache /work && chmod 1777 /cache /work
USER 1000
WORKDIR /work
VOLUME ["/cache"]
ENTRYPOINT ["tlkit"]
CMD ["--help"]
