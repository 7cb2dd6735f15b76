package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.config.Json;
import ai.kindred.core.lm.ChatTemplate.Message;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplateTest {
  private static final SpecialTokens TOKENS = new SpecialTokens("<s>", 1, "</s>", 2, Set.of(2));
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2026-03-05T12:04:09Z"), ZoneOffset.UTC);
  private static final List<Message> CHAT =
      List.of(
          Message.system("Be brief. "),
          Message.user("Hi {{ 1 }}"),
          Message.assistant("<think>\nhm\n</think>\n\nHello"),
          Message.user("And?"));

  private static String render(String template, List<Message> messages) throws IOException {
    return ChatTemplate.of(template, TOKENS, "test", NOON).render(messages, true);
  }

  @Test
  void goldenChatsAreTransformersOnes() throws IOException {
    Path folder = TestFiles.data("smollm2-135m-instruct");
    JsonNode golden = Json.read(TestFiles.golden("smollm2-logits.json"), Json.Limits.CONFIG);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      ChatTemplate template = ChatTemplate.load(folder, tokenizer.specialTokens());
      for (JsonNode chat : golden.get("chats")) {
        List<Message> messages = new ArrayList<>();
        for (JsonNode message : chat.get("messages")) {
          messages.add(new Message(message.get("role").asText(), message.get("content").asText()));
        }
        String rendered = template.render(messages, true);
        assertThat(rendered).isEqualTo(chat.get("rendered").asText());
        int[] ids = tokenizer.encode(rendered, false);
        JsonNode expected = chat.get("prompt_ids");
        assertThat(ids).hasSize(expected.size());
        for (int i = 0; i < ids.length; i++) {
          assertThat(ids[i]).isEqualTo(expected.get(i).intValue());
        }
      }
    }
  }

  @Test
  void chatMl() throws IOException {
    String template =
        """
        {%- for message in messages %}
            {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\\n' }}
        {%- endif %}
        """;
    assertThat(render(template, CHAT.subList(0, 2)))
        .isEqualTo(
            """
            <|im_start|>system
            Be brief. <|im_end|>
            <|im_start|>user
            Hi {{ 1 }}<|im_end|>
            <|im_start|>assistant
            """);
  }

  @Test
  void llama3Style() throws IOException {
    String template =
        """
        {{- bos_token }}
        {%- if not date_string is defined %}
            {%- if strftime_now is defined %}
                {%- set date_string = strftime_now("%d %b %Y") %}
            {%- else %}
                {%- set date_string = "26 Jul 2024" %}
            {%- endif %}
        {%- endif %}
        {%- if messages[0]['role'] == 'system' %}
            {%- set system_message = messages[0]['content']|trim %}
            {%- set messages = messages[1:] %}
        {%- else %}
            {%- set system_message = "" %}
        {%- endif %}
        {{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
        {{- "Today Date: " + date_string + "\\n\\n" }}
        {{- system_message }}
        {{- "<|eot_id|>" }}
        {%- for message in messages %}
            {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
        {%- endif %}
        """;
    assertThat(render(template, CHAT.subList(0, 2)))
        .isEqualTo(
            "<s><|start_header_id|>system<|end_header_id|>\n\nToday Date: 05 Mar 2026\n\nBe brief."
                + "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi {{ 1 }}<|eot_id|>"
                + "<|start_header_id|>assistant<|end_header_id|>\n\n");
  }

  private static final String MISTRAL =
      "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}"
          + "{% set system = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}"
          + "{% endif %}{{ bos_token }}{% for m in loop_messages %}"
          + "{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
          + "{{ raise_exception('roles must alternate user/assistant') }}{% endif %}"
          + "{% if m['role'] == 'user' %}"
          + "{% if loop.last and system is defined %}{{ '[INST] ' + system + '\\n\\n' + m['content'] + '[/INST]' }}"
          + "{% else %}{{ '[INST] ' + m['content'] + '[/INST]' }}{% endif %}"
          + "{% elif m['role'] == 'assistant' %}{{ ' ' + m['content'] | trim + eos_token }}"
          + "{% else %}{{ raise_exception('unknown role') }}{% endif %}{% endfor %}";

  @Test
  void mistralStyle() throws IOException {
    assertThat(render(MISTRAL, CHAT))
        .isEqualTo(
            "<s>[INST] Hi {{ 1 }}[/INST] <think>\nhm\n</think>\n\nHello</s>"
                + "[INST] Be brief. \n\nAnd?[/INST]");
  }

  @Test
  void whatATemplateRefusesIsSaidInItsWords() {
    assertThatThrownBy(() -> render(MISTRAL, List.of(Message.user("a"), Message.user("b"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "chat template of test: line 1: the template refuses: roles must alternate"
                + " user/assistant");
  }

  @Test
  void gemmaStyle() throws IOException {
    String template =
        "{{ bos_token }}{%- if messages[0]['role'] == 'system' -%}"
            + "{%- set first_user_prefix = messages[0]['content'] + '\n\n' -%}"
            + "{%- set loop_messages = messages[1:] -%}{%- else -%}"
            + "{%- set first_user_prefix = \"\" -%}{%- set loop_messages = messages -%}{%- endif -%}\n"
            + "{%- for message in loop_messages -%}\n"
            + "    {%- if (message['role'] == 'assistant') -%}\n"
            + "        {%- set role = \"model\" -%}\n    {%- else -%}\n"
            + "        {%- set role = message['role'] -%}\n    {%- endif -%}\n"
            + "    {{ '<start_of_turn>' + role + '\n' + (first_user_prefix if loop.first else \"\") }}\n"
            + "    {%- if message['content'] is string -%}\n"
            + "        {{ message['content'] | trim }}\n"
            + "    {%- elif message['content'] is iterable -%}\n"
            + "        {%- for item in message['content'] -%}\n"
            + "            {%- if item['type'] == 'text' -%}\n"
            + "                {{ item['text'] | trim }}\n            {%- endif -%}\n"
            + "        {%- endfor -%}\n    {%- endif -%}\n    {{ '<end_of_turn>\n' }}\n"
            + "{%- endfor -%}\n"
            + "{%- if add_generation_prompt -%}\n    {{'<start_of_turn>model\n'}}\n{%- endif -%}\n";
    assertThat(render(template, CHAT.subList(0, 2)))
        .isEqualTo(
            "<s><start_of_turn>user\nBe brief. \n\nHi {{ 1 }}<end_of_turn>\n<start_of_turn>model\n");
    String parts =
        ChatTemplate.of(template, TOKENS, "test", NOON)
            .render(
                List.of(
                    Map.of(
                        "role",
                        "user",
                        "content",
                        List.of(Map.of("type", "image"), Map.of("type", "text", "text", " a ")))),
                false,
                Map.of());
    assertThat(parts).isEqualTo("<s><start_of_turn>user\na<end_of_turn>\n");
  }

  @Test
  void qwen3Style() throws IOException {
    String template =
        """
        {%- if messages[0].role == 'system' %}
            {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
        {%- endif %}
        {%- if tools %}
            {%- for tool in tools %}
                {{- tool | tojson }}
            {%- endfor %}
        {%- endif %}
        {%- set ns = namespace(multi_step=true, last=messages|length - 1) %}
        {%- for message in messages[::-1] %}
            {%- set index = (messages|length - 1) - loop.index0 %}
            {%- if ns.multi_step and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
                {%- set ns.multi_step = false %}
                {%- set ns.last = index %}
            {%- endif %}
        {%- endfor %}
        {%- for message in messages %}
            {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
                {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
            {%- elif message.role == "assistant" %}
                {%- set content = message.content %}
                {%- set thought = '' %}
                {%- if message.reasoning_content is defined and message.reasoning_content is not none %}
                    {%- set thought = message.reasoning_content %}
                {%- elif '</think>' in content %}
                    {%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
                    {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
                {%- endif %}
                {%- if loop.index0 > ns.last and (loop.last or (not loop.last and thought)) %}
                    {{- '<|im_start|>assistant\\n<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' + content }}
                {%- else %}
                    {{- '<|im_start|>assistant\\n' + content }}
                {%- endif %}
                {{- '<|im_end|>\\n' }}
            {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\\n' }}
            {%- if enable_thinking is defined and enable_thinking is false %}
                {{- '<think>\\n\\n</think>\\n\\n' }}
            {%- endif %}
        {%- endif %}
        """;
    assertThat(render(template, CHAT))
        .isEqualTo(
            """
            <|im_start|>system
            Be brief. <|im_end|>
            <|im_start|>user
            Hi {{ 1 }}<|im_end|>
            <|im_start|>assistant
            Hello<|im_end|>
            <|im_start|>user
            And?<|im_end|>
            <|im_start|>assistant
            """);
    assertThat(render(template, CHAT.subList(1, 3)))
        .contains("assistant\n<think>\nhm\n</think>\n\nHello<|im_end|>");
    assertThat(
            ChatTemplate.of(template, TOKENS, "test", NOON)
                .render(
                    List.of(Map.of("role", "user", "content", "x")),
                    true,
                    Map.of("enable_thinking", false, "tools", List.of(Map.of("name", "f")))))
        .isEqualTo(
            """
            {"name": "f"}<|im_start|>user
            x<|im_end|>
            <|im_start|>assistant
            <think>

            </think>

            """);
  }

  @Test
  void datesAreThoseOfStrftime() throws IOException {
    assertThat(render("{{ strftime_now('%Y-%m-%d %H:%M:%S %B %A %-d %j %y %I %p %%') }}", CHAT))
        .isEqualTo("2026-03-05 12:04:09 March Thursday 5 064 26 12 PM %");
  }

  @Test
  void templatesAreFoundWhereTheyMayBe(@TempDir Path folder) throws IOException {
    assertThat(ChatTemplate.find(folder, TOKENS)).isEmpty();
    assertThatThrownBy(() -> ChatTemplate.load(folder, TOKENS))
        .hasMessageContaining("no chat_template.jinja and no chat_template in");

    Path config = folder.resolve("tokenizer_config.json");
    Files.writeString(config, "{\"chat_template\": \"A{{ messages[0].content }}\"}");
    assertThat(ChatTemplate.load(folder, TOKENS).render(CHAT, true)).isEqualTo("ABe brief. ");
    Files.writeString(
        config,
        "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"T\"},"
            + " {\"name\": \"default\", \"template\": \"D\"}]}");
    assertThat(ChatTemplate.load(folder, TOKENS).render(CHAT, true)).isEqualTo("D");
    Files.writeString(config, "{\"chat_template\": 3}");
    assertThatThrownBy(() -> ChatTemplate.load(folder, TOKENS))
        .hasMessageContaining("chat_template is neither a string nor a list");

    Files.writeString(folder.resolve("chat_template.jinja"), "J");
    assertThat(ChatTemplate.load(folder, TOKENS).render(CHAT, true)).isEqualTo("J");
    Files.writeString(folder.resolve("chat_template.jinja"), "\n{{ ");
    assertThatThrownBy(() -> ChatTemplate.load(folder, TOKENS))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("chat_template.jinja: chat template: line 2: a tag is not closed");
  }
}
