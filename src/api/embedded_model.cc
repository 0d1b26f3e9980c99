#include "api/embedded_model.h"

#include <cstdio>
#include <cstdlib>

#include "api/shape.h"

// The assembler copies the files in; cmake/embed.cmake rebuilds this file when they change.
#define EMBED(symbol, path)                \
  __asm__(                                 \
      ".pushsection .rodata\n"             \
      ".balign 16\n"                       \
      ".local " #symbol "_begin\n" #symbol \
      "_begin:\n"                          \
      ".incbin \"" path                    \
      "\"\n"                               \
      ".local " #symbol "_end\n" #symbol   \
      "_end:\n"                            \
      ".byte 0\n"                          \
      ".popsection\n");                    \
  extern "C" const char symbol##_begin[];  \
  extern "C" const char symbol##_end[];

EMBED(sallyport_transfer_model, SALLYPORT_MODEL_DIR "/transfer-2018-11-05.json")
EMBED(sallyport_transfer_additions, SALLYPORT_MODEL_DIR "/transfer-additions.json")

namespace sallyport::api {

std::string_view embedded_transfer_model() {
  return {sallyport_transfer_model_begin,
          static_cast<std::size_t>(sallyport_transfer_model_end - sallyport_transfer_model_begin)};
}

std::string_view embedded_transfer_additions() {
  return {sallyport_transfer_additions_begin,
          static_cast<std::size_t>(sallyport_transfer_additions_end -
                                   sallyport_transfer_additions_begin)};
}

const ServiceModel& transfer_model() {
  static const ServiceModel model = [] {
    auto loaded = ServiceModel::load(embedded_transfer_model(), embedded_transfer_additions());
    if (!loaded.ok()) {
      std::fprintf(stderr, "%s\n", loaded.error().message.c_str());
      std::abort();
    }
    return std::move(loaded).value();
  }();
  return model;
}

}  // namespace sallyport::api
