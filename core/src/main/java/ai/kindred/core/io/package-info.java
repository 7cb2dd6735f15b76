/**
 * Weights in files, and files that are whole or absent.
 *
 * <p>{@link ai.kindred.core.io.TensorSource#open} reads named tensors from whatever a path holds: a
 * {@code .safetensors} file, a Hugging Face folder with or without an index of shards, a GGUF file.
 * Use the classes themselves where you need what only one format has: {@link
 * ai.kindred.core.io.SafetensorsFile#metadata}, {@link ai.kindred.core.io.GgufFile#metadata}.
 * Nothing is unpickled: formats that run code when they are read are not supported.
 *
 * <p>{@link ai.kindred.core.io.Safetensors#write} writes tensors; {@link
 * ai.kindred.core.io.AtomicFiles} writes anything else, a file or a whole folder, so that readers
 * see the old state or the new one and a failure leaves no trace.
 *
 * <p>{@link ai.kindred.core.io.HubClient} downloads model folders from a hub.
 *
 * <p>Files are mapped, not read: a tensor's bytes are pages of the file until they are touched.
 * Mappings are read-only (native code that writes into one ends the JVM) and live until the garbage
 * collector finds their buffers unused, so a tensor stays valid after its source is closed. Do not
 * truncate a file that is mapped; replacing it by a move, as this package does, is safe.
 *
 * <p>A file that breaks its format is a {@link ai.kindred.core.io.MalformedFileException}, whatever
 * is wrong with it.
 */
@NullMarked
package ai.kindred.core.io;

import org.jspecify.annotations.NullMarked;
