typedef int wf_node_room;  // until the room has its first source file
